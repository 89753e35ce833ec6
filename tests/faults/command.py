"""The command line with small tasks, so that several workers have something to do."""

from archive import cli
from archive.load import plan

plan.TASK_BYTES = 40_000

if __name__ == "__main__":
    cli.main()
