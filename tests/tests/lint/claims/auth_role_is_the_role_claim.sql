-- It tells the claim, not the role of the database.
select set_config('request.jwt.claims', '{"role": "editor"}', true);
set local role authenticated;
select auth.role() = 'editor' and current_user = 'authenticated';
