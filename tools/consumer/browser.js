import { createLink } from '@downlink/client'
import { EventSource } from '@downlink/client/event-source'
import { time } from '@downlink/protocol/streams'

createLink('/events').subscribe(time, { onEvent: ({ data }) => (document.title = data) })
new EventSource('/stream-time').onmessage = ({ data }) => (document.title = data)
