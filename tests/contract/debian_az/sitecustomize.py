"""Gives the operations of azure.mgmt.authorization 3.0 the attribute that azure-cli 2.45 reads: see README.md."""
import importlib.abc
import importlib.machinery
import sys

MODULES = ("_role_assignments_operations", "_role_definitions_operations")


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if not name.startswith("azure.mgmt.authorization.") or name.rpartition(".")[2] not in MODULES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        load = spec.loader.exec_module

        def load_and_repair(module):
            load(module)
            for thing in vars(module).values():
                if isinstance(thing, type) and thing.__name__.endswith("Operations") and not hasattr(thing, "config"):
                    thing.config = property(lambda self: self._config)

        spec.loader.exec_module = load_and_repair
        return spec


sys.meta_path.insert(0, Finder())
