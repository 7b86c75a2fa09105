"""The command line: results on stdout, narration on stderr, one exit code per kind of ending."""
