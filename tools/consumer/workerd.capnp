using Workerd = import "/workerd/workerd.capnp";

# From the compatibility date 2026-08-04, workerd adds modules and globals of Node unless two flags turn them off.
# https://developers.cloudflare.com/changelog/post/2026-08-04-nodejs-compat-default/
const config :Workerd.Config = (
  services = [(
    name = "hub",
    worker = (
      modules = [(name = "worker", esModule = embed "hub-worker.js")],
      compatibilityDate = "2026-08-03",
    ),
  )],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "hub")],
);
