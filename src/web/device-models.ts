/** What the pages of the device flow are told; see `models.ts`. */
import type { DeviceProblem } from '../oidc/device.ts';
import type { ScopeModel } from './consent-models.ts';
import type { PageModel } from './models.ts';

/** The form posts `xsrf, user_code`. */
export interface DeviceModel extends PageModel {
  readonly action: string;
  readonly xsrf: string;
  /** What was typed before. */
  readonly userCode?: string | undefined;
  readonly error?: DeviceProblem | undefined;
  /** With `too_many_attempts`: seconds until another attempt counts. */
  readonly retryAfter?: number | undefined;
}

/** The form posts `xsrf, user_code` and `confirm` or `abort`. */
export interface DeviceConfirmModel extends PageModel {
  readonly action: string;
  readonly xsrf: string;
  /** As the device shows it. */
  readonly userCode: string;
  /** What is asked for, in the order it was asked for. */
  readonly scopes: readonly ScopeModel[];
  /** Whence the device asked, as far as it told. */
  readonly device: {
    readonly ip: string;
    /** Whether that is the reader's own network, too. */
    readonly near: boolean;
    /** What it runs on, such as `Android TV`; absent when it tells nothing that is known. */
    readonly system?: string | undefined;
    /** The program, such as `Chrome`. */
    readonly program?: string | undefined;
  };
}

export interface DevicePages {
  device: DeviceModel;
  'device-confirm': DeviceConfirmModel;
  'device-done': PageModel;
  'device-declined': PageModel;
}
