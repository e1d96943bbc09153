// The stream `stocks`: prices of a simulated market.
import { stocks } from '@downlink/protocol/streams'
import { defineStreamPanel } from '../../panel/stream-panel.ts'
import { StocksModel } from './stocks.ts'
import StocksPanel from './StocksPanel.svelte'

export const stocksPanel = defineStreamPanel({
  contract: stocks,
  title: 'Stocks',
  shortcut: '4',
  columns: 5,
  colour: 's3',
  createModel: () => new StocksModel(),
  Panel: StocksPanel,
})
