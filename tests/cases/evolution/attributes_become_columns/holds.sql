select to_jsonb(n) - 'note_id' = '{"pair": {"x": "a"}, "y": "b", "turned": {"x": "c", "z": "e"}, "k": "d", "word": "f", "again": {"v": "h"}}'
from public.notes n
