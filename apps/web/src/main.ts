// Starts the page.
import { mount } from 'svelte'
import App from './App.svelte'
import { connect } from './connection/connect.ts'
import { Dashboard } from './page/dashboard.svelte.ts'
import { streams } from './streams/index.ts'
import './styles/tokens.css'
import './styles/base.css'

const target = document.getElementById('app')
if (!target) throw new Error('index.html must have an element with id "app".')

const dashboard = new Dashboard({ streams, connect })

mount(App, { target, props: { dashboard } })
