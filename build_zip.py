"""Builds the deployment zip: `hf-lambda build` under the name that people look for."""

import sys

from hf_lambda.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["build", *sys.argv[1:]]))
