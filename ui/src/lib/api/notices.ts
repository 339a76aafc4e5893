import type { AvailablePlugins } from '$lib/bindings/AvailablePlugins';
import type { NoticeDelivery } from '$lib/bindings/NoticeDelivery';
import type { NotificationSettingChange } from '$lib/bindings/NotificationSettingChange';
import type { NotificationSettingView } from '$lib/bindings/NotificationSettingView';
import type { TestedService } from '$lib/bindings/TestedService';
import type { Client } from './client';

const AT = 'notification_settings/';

/** Services that notices are sent to, and those that could be. */
export const services = async (client: Client) =>
  (await client.http.get<AvailablePlugins>(`${AT}available_plugins/`)).services;
export const serviceSettings = (client: Client) => client.http.get<NotificationSettingView[]>(AT);
export const addService = (client: Client, made: NotificationSettingChange) =>
  client.http.post<NotificationSettingView>(AT, made);
export const changeService = (client: Client, id: number, change: NotificationSettingChange) =>
  client.http.patch<NotificationSettingView>(`${AT}${id}/`, change);
export const removeService = (client: Client, id: number) => client.http.remove(`${AT}${id}/`);
export const testService = (client: Client, id: number) =>
  client.http.post<TestedService>(`${AT}${id}/send_test_message/`, {});
/** What was sent lately and what waits, newest first. */
export const deliveries = (client: Client) => client.http.get<NoticeDelivery[]>('vigil/notices/log/');
