"""Plan rules, histories and decisions."""
from workstation.planning._parse import parse_plan, parse_rule, read_field
from workstation.planning._print import print_rule
