"""Why a day is bad: what explains the checks in breach, found in its files and its past."""
