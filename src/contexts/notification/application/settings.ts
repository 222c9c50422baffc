import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import {
  type GetSettingsRequest,
  type SettingsResponse,
  type Settings as SettingsView,
  stored,
  type UpdateSettingsRequest,
} from '../api.ts';
import { allPreferences, checkSettings, type Settings } from '../domain/settings.ts';
import { refuse } from '../refusals.ts';
import type { SettingsReplaced, SettingsStore } from './ports.ts';

export const getSettings =
  (store: Pick<SettingsStore, 'find'>) =>
  async ({ userId }: GetSettingsRequest): Promise<SettingsResponse> => ({
    outcome: { $case: 'settings', value: toView(await store.find(userId)) },
  });

/** Refused: VALIDATION_FAILED; FORBIDDEN for a user who has deleted the account. */
export const updateSettings =
  (store: Pick<SettingsStore, 'replace'>) =>
  async ({ userId, settings, commandKey }: UpdateSettingsRequest): Promise<SettingsResponse> => {
    const checked = checkSettings(settings ?? { preferences: [], expiryDays: [] });
    if ('field' in checked) return toRefusalResponse(refuse('VALIDATION_FAILED', { [checked.field]: checked.reason }));
    return await executeOnce(commandKey, REPLACING, (idempotency) => store.replace(userId, checked, idempotency));
  };

const REPLACING: Responding<SettingsReplaced, SettingsResponse> = {
  type: stored.SettingsResponse,
  refused: toRefusalResponse,
  respond: (replaced) =>
    replaced === 'deleted'
      ? toRefusalResponse(refuse('FORBIDDEN'))
      : { outcome: { $case: 'settings', value: toView(replaced) } },
};

const toView = (settings: Settings): SettingsView => ({
  preferences: [...allPreferences(settings)],
  language: settings.language ?? undefined,
  timezone: settings.timezone ?? undefined,
  expiryDays: [...settings.expiryDays],
  quietHours: settings.quietHours ?? undefined,
});
