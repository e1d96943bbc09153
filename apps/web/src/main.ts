// Starts the page.
import { mount } from 'svelte'
import App from './App.svelte'
import { connect } from './connection/connect.ts'
import { Dashboard } from './page/dashboard.svelte.ts'
import type { LoadRuns } from './streams/training/runs.ts'
import './styles/tokens.css'
import './styles/base.css'

const target = document.getElementById('app')
if (!target) throw new Error('index.html must have an element with id "app".')

/** Most who look never start a run. */
const runs: LoadRuns = async () => {
  const loaded = await import('./streams/training/runs.ts').catch(() => {
    throw new Error('A part of the page could not be loaded: is the API there? Try again.')
  })
  return loaded.createRuns()
}

const dashboard = new Dashboard({ connect, runs })

mount(App, { target, props: { dashboard } })
