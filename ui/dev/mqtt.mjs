// What the stand-in tells of the MQTT broker.
/** @type {import('$lib/bindings/Mqtt').Mqtt} */
let mqtt = {
  enabled: true,
  host: 'homeassistant.local',
  port: 1883,
  tls: false,
  user: 'printer',
  password_set: true,
  base_topic: 'printvigil',
  discovery_prefix: 'homeassistant',
  buttons: true,
  pictures: true,
  others: true,
  machine: 'Workshop',
  state: 'connected',
  why: null,
};

/** Answers what is of the broker; `undefined` when it is not. */
export function mqttApi(path, body, method) {
  if (!path.startsWith('/api/v1/vigil/mqtt/')) return undefined;
  if (path.endsWith('/test/')) {
    return { connected: false, answer: 'the broker refuses this login: check user and password' };
  }
  if (method === 'PATCH') {
    const { password, ...shown } = body;
    mqtt = { ...mqtt, ...shown };
    if (password !== undefined) mqtt.password_set = password !== '';
    mqtt.state = mqtt.enabled ? 'connected' : 'off';
  }
  return mqtt;
}
