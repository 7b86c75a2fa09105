"""`python -m tidegate`: the command line where no script of it is on the path."""

from tidegate.cli.main import main

if __name__ == "__main__":
    main()
