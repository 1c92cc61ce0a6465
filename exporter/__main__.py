"""``python -m exporter``."""

import sys

from exporter.cli.app import main

sys.exit(main())
