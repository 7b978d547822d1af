"""`python -m benchmarks.onset`."""

from benchmarks.onset.run import main

if __name__ == "__main__":
    main()
