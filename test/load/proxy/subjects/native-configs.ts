interface Ports {
  readonly listen: number;
  readonly upstream: number;
}

/** In the foreground as a single process: a master would only have to be ended apart from its worker. */
export function nginxConfig({ listen, upstream }: Ports, folder: string): string {
  return `daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 10m;
  keepalive_requests 1000000000;
  upstream target {
    server 127.0.0.1:${upstream};
    keepalive 4096;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${listen} backlog=4096;
    location / {
      proxy_pass http://target;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-Id $request_id;
    }
  }
}
`;
}

export function haproxyConfig({ listen, upstream }: Ports): string {
  return `global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 2s
  timeout client 65s
  timeout server 30s
  option forwardfor
  http-reuse always
frontend in
  bind 127.0.0.1:${listen} backlog 4096
  default_backend target
backend target
  server one 127.0.0.1:${upstream} pool-max-conn 4096
`;
}

export function envoyConfig({ listen, upstream }: Ports): object {
  const at = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });
  const type = (name: string): string => `type.googleapis.com/envoy.extensions.${name}`;
  const limits = { max_connections: 8_192, max_pending_requests: 8_192, max_requests: 8_192 };
  return {
    static_resources: {
      listeners: [
        {
          address: at(listen),
          tcp_backlog_size: 4_096,
          filter_chains: [
            {
              filters: [
                {
                  name: 'http',
                  typed_config: {
                    '@type': type('filters.network.http_connection_manager.v3.HttpConnectionManager'),
                    stat_prefix: 'in',
                    codec_type: 'HTTP1',
                    use_remote_address: true,
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [{ match: { prefix: '/' }, route: { cluster: 'target' } }],
                        },
                      ],
                    },
                    http_filters: [
                      { name: 'router', typed_config: { '@type': type('filters.http.router.v3.Router') } },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'target',
          type: 'STATIC',
          circuit_breakers: { thresholds: [limits] },
          load_assignment: {
            cluster_name: 'target',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: at(upstream) } }] }],
          },
        },
      ],
    },
  };
}
