begin return 1; end
