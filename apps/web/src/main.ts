// Starts the page.
import { mount } from 'svelte'
import App from './App.svelte'
import { connect } from './lib/connect.ts'
import { Dashboard } from './lib/dashboard.svelte.ts'
import { createRuns } from './lib/panels/runs.ts'
import './styles/tokens.css'
import './styles/base.css'

const target = document.getElementById('app')
if (!target) throw new Error('index.html must have an element with id "app".')

const dashboard = new Dashboard({ connect, runs: createRuns() })

mount(App, { target, props: { dashboard } })
