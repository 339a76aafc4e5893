import { createContext } from 'svelte';
import type { Badge } from '$lib/review/badge.svelte';
import type { App } from './app.svelte';
import type { Job } from './job.svelte';
import type { Route } from './route.svelte';
import type { Theme } from './theme.svelte';

export const [useApp, setApp] = createContext<App>();
export const [useRoute, setRoute] = createContext<Route>();
export const [useTheme, setTheme] = createContext<Theme>();
export const [useJob, setJob] = createContext<Job>();
/** How much waits to be looked at. */
export const [useBadge, setBadge] = createContext<Badge>();
