"""JupyterHub for one class on one machine; `start.py` writes the settings that it reads."""

import json
import os
from pathlib import Path

from limits import find_groups
from spawner import ClassSpawner

c = get_config()

folder = Path(os.environ["WORKSTATION_HUB"])
settings = json.loads((folder / "state" / "settings.json").read_text("utf-8"))
state, tools = folder / "state", folder / "env" / "bin"

c.JupyterHub.bind_url = f"http://{settings['address']}:{settings['port']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings['hub_port']}"
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.JupyterHub.upgrade_db = True  # it holds who is logged in, nothing of the course
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings['proxy_port']}"
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
c.ConfigurableHTTPProxy.command = [
    settings["node"], str(folder / "proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"),
]  # fmt: skip
c.JupyterHub.subdomain_host = settings["subdomains"]
if settings["certificate"]:
    c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = settings["certificate"], settings["key"]

# Who may log in: accounts of this system, by their passwords. Nobody is an administrator of the hub: one could open
# learners' servers, and what runs there would then act with that person's cookie.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.open_sessions = False
c.Authenticator.allowed_users = {settings["instructor"], *settings["learners"]}
c.Authenticator.admin_users = set()

# What starts: each person's JupyterLab as that person, prepared by singleuser.py.
groups = find_groups()
c.JupyterHub.spawner_class = ClassSpawner
c.ClassSpawner.groups = groups
c.ClassSpawner.instructor = settings["instructor"]
c.ClassSpawner.instructor_folder = str(folder / "instructor")
c.Spawner.cmd = [str(tools / "python"), str(folder / "singleuser.py")]
c.Spawner.mem_limit = settings["memory_limit_bytes"]
c.Spawner.ip = "127.0.0.1"
c.Spawner.default_url = "/lab"
c.Spawner.env_keep = ["LANG", "LC_ALL", "TZ"]
c.Spawner.environment = {
    "PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin",
    "PYTHONNOUSERSITE": "1",
}
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # thirty people who come at once share the processors

limit = f"{settings['memory_limit_bytes'] / 1024**3:.1f} GiB a learner"
how = f"enforced by control groups (version {groups.version})" if groups.parent else f"announced only: {groups.why_not}"
print(f"Memory: {limit}, {how}.", flush=True)
