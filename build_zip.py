"""Builds the deployment zip: `hf-lambda build` under the name that people look for."""

import sys

from hf_lambda.cli.main import program

if __name__ == "__main__":
    sys.exit(program(["build", *sys.argv[1:]]))
