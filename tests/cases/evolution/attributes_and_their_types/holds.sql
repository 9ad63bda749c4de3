select array_agg(to_jsonb(n) - 'note_id' order by n.note_id) = array[
    '{"pair": {"x": "a"}, "grown": {"x": "c", "k": null, "z": "d"}, "turned": {"x": "e", "z": "f"}}',
    '{"pair": null, "grown": null, "turned": null}']::jsonb[]
from public.notes n
