select to_jsonb(n) - 'note_id' = '{"pair": {"x": "a", "y": "b"}, "written": {"y": "c", "x": "d"}, "converted": {"x": "e", "y": "f"}}'
from public.notes n
