select array_agg(to_jsonb(n) - 'note_id' order by n.note_id) = array[
    '{"box": {"held": {"one": "d", "two": "e,\"", "last": "f", "added": null}, "many": ["x", "y"], "label": "l"}, "kept": {"one": "g", "two": "h", "last": "i", "added": null}, "pair": {"one": "a", "two": "b", "last": "c", "added": null}}',
    '{"box": {"held": null, "many": null, "label": null}, "kept": null, "pair": {"one": null, "two": null, "last": null, "added": null}}',
    '{"box": null, "kept": null, "pair": null}']::jsonb[]
from public.notes n
