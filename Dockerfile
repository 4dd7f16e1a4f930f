# The image runs the source as it is: Node strips the types, there is no build step.
FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image brings Node itself, so the package that would bring it needs no install script.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node node_modules/.bin/node node_modules/node-bin-* && npm cache clean --force
COPY src src
COPY views views
COPY locales locales
COPY config config
RUN mkdir data && chown node:node data
USER node
ENV HOST=0.0.0.0
EXPOSE 3000
VOLUME /app/data
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT ?? 3000) + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
