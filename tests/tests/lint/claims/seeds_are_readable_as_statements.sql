-- The statement that runs holds its literals: whoever logs or shows statements shows them.
select 'sk_live_example';
select current_query() like '%' || 'sk_' || 'live_example%';
