select array_agg(to_jsonb(n) - 'note_id' order by n.state, n.nested is null) = array[
    '{"list": ["b", "a", null], "pair": {"one": "b", "two": "b", "many": ["b", "b"], "plain": 1}, "state": "b", "nested": {"pair": {"one": "a", "two": "b", "many": ["b"], "plain": null}, "word": "c", "Odd name": ["b"]}, "stated": "b", "states": ["a", "b"]}',
    '{"list": null, "pair": {"one": null, "two": null, "many": null, "plain": null}, "state": null, "nested": {"pair": null, "word": "c", "Odd name": null}, "stated": null, "states": null}',
    '{"list": null, "pair": null, "state": null, "nested": null, "stated": null, "states": null}']::jsonb[]
from public.notes n
