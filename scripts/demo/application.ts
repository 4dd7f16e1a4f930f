export const serveApplication = async (_w: unknown) => ({ close: async () => {} });
