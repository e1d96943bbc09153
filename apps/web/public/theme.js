// Runs before the first paint, so that a dark page does not flash white.
;(function () {
  let theme
  try {
    theme = JSON.parse(localStorage.getItem('downlink.preferences') || '{}').theme
  } catch {
    theme = 'system'
  }
  const dark =
    theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
