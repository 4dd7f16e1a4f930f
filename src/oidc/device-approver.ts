import type { Provider } from 'oidc-provider';

/** Tells whose account a device code is for, as soon as somebody has let the device in. */
export type DeviceApprover = (deviceCode: string) => Promise<string | undefined>;

export const createDeviceApprover =
  ({ DeviceCode }: Provider): DeviceApprover =>
  async (deviceCode) =>
    (await DeviceCode.find(deviceCode))?.accountId;
