import { createContext } from 'svelte';
import type { Badge } from './badge.svelte';
import type { App } from './app.svelte';
import type { Job } from './job.svelte';
import type { Route } from './route.svelte';

export const [useApp, setApp] = createContext<App>();
export const [useRoute, setRoute] = createContext<Route>();
export const [useJob, setJob] = createContext<Job>();
/** How much waits to be looked at. */
export const [useBadge, setBadge] = createContext<Badge>();
