"""Makes the calls that standard input lists as JSON through the generated client, and prints their outcomes as JSON."""

import importlib
import json
import pkgutil
import sys
import typing

from questioncloud_client import AuthenticatedClient, Client, api


def modules_by_operation():
    """The operation ids in lower case without signs, which is what all generators leave of them."""
    modules = {}
    for service in pkgutil.iter_modules(api.__path__, f"{api.__name__}."):
        package = importlib.import_module(service.name)
        for module in pkgutil.iter_modules(package.__path__):
            operation = module.name.replace("_", "")
            modules[operation] = importlib.import_module(f"{service.name}.{module.name}")
    return modules


def open_client(token):
    return AuthenticatedClient(base_url, token) if token else Client(base_url)


def make_call(module, call):
    types = typing.get_type_hints(module.sync_detailed)
    if "body" in types:
        arguments = {"body": types["body"].from_dict(call["arguments"])}
    else:
        arguments = {name: types[name](value) for name, value in call["arguments"].items()}
    response = module.sync_detailed(client=clients[call["token"]], **arguments)
    parsed = response.parsed
    return {
        "operation": call["operation"],
        "status": int(response.status_code),
        "parsed": None if parsed is None else parsed.to_dict(),
    }


base_url = sys.argv[1]
modules = modules_by_operation()
calls = [call for call in json.load(sys.stdin) if call["operation"] in modules]
clients = {token: open_client(token) for token in {call["token"] for call in calls}}
json.dump([make_call(modules[call["operation"]], call) for call in calls], sys.stdout)
