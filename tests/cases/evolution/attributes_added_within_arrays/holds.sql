select array_agg(to_jsonb(n) - 'note_id' order by n.note_id) = array[
    '{"outers": [{"x": "a", "b": {"k": "b", "m": null}, "z": null}, {"x": null, "b": null, "z": null}], "worded": {"x": "c", "b": "d"}, "many": [{"x": "e", "b": "f"}], "words": ["g", "h"]}',
    '{"outers": [], "worded": {"x": null, "b": null}, "many": null, "words": [null]}',
    '{"outers": null, "worded": null, "many": null, "words": null}']::jsonb[]
from public.notes n
