import '$lib/locale';
import { mount } from 'svelte';
import './styles/tokens.css';
import './styles/base.css';
import Root from './Root.svelte';
import { Theme } from '$lib/components/theme.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('The page has no place for the app.');
mount(Root, { target, props: { theme: new Theme() } });
