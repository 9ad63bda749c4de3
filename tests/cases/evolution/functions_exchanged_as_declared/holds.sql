select public.one_v1() = 2 and public.two_v1() = 1
