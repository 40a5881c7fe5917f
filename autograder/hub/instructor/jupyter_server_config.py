"""The instructor's JupyterLab on the class server: Formgrader is there, and its frame may be shown."""

c = get_config()

c.ServerApp.jpserver_extensions = {"nbgrader.server_extensions.formgrader": True}
# JupyterHub forbids every frame, and Formgrader's tab in JupyterLab is one.
c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}
