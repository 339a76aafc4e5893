// Cameras of the stand-in: what one of this computer offers, and a second one.

/**
 * @param {string} key
 * @param {string} label
 * @param {Partial<import('$lib/bindings/DeviceControl').DeviceControl> & { named?: string[] }} about
 * @returns {import('$lib/bindings/DeviceControl').DeviceControl}
 */
const control = (key, label, { named = [], ...rest }) => ({
  key,
  label,
  min: 0,
  max: named.length ? named.length - 1 : 100,
  step: 1,
  default: 0,
  value: 0,
  inactive: false,
  choices: named.map((name, value) => ({ value, label: name })),
  ...rest,
});

/** @type {import('$lib/bindings/DeviceOptions').DeviceOptions} */
export const DEVICE_OPTIONS = {
  formats: [
    { width: 1920, height: 1080, fps: 30, coding: 'mjpeg' },
    { width: 1280, height: 720, fps: 30, coding: 'mjpeg' },
    { width: 1280, height: 720, fps: 10, coding: 'yuyv' },
  ],
  controls: [
    control('exposure_mode', 'Exposure', { named: ['Auto Mode', 'Manual Mode'] }),
    control('exposure_time', 'Exposure time', { min: 3, max: 2047, value: 250, inactive: true }),
    control('autofocus', 'Autofocus', { max: 1, value: 0 }),
    control('focus', 'Focus', { max: 250, step: 5, value: 30 }),
  ],
};

/**
 * A camera that shows the printer besides.
 * @param {import('$lib/bindings/Camera').Camera} camera
 */
export const otherCamera = (camera) => ({
  ...camera,
  id: 2,
  name: 'Nozzle camera',
  source: { kind: 'rtsp', url: 'rtsp://192.168.1.30/live' },
});
