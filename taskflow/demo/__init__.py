"""The demo office: a fictional province with its units, people and one plan, loaded by ``taskflow demo load``."""
