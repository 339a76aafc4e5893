import type { Mqtt } from '$lib/bindings/Mqtt';
import type { MqttChange } from '$lib/bindings/MqttChange';
import type { TestedBroker } from '$lib/bindings/TestedBroker';
import type { Client } from './client';

const AT = 'vigil/mqtt/';

/** The connection to an MQTT broker, over which Home Assistant finds the printers. */
export const mqtt = (client: Client) => client.http.get<Mqtt>(AT);
export const changeMqtt = (client: Client, change: MqttChange) => client.http.patch<Mqtt>(AT, change);
/** Connects once with what is in the form, kept or not. */
export const testMqtt = (client: Client, change: MqttChange) =>
  client.http.post<TestedBroker>(`${AT}test/`, change);
