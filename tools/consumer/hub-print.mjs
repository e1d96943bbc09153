import { runHub } from './hub.mjs'

console.log(JSON.stringify(await runHub()))
