// The icons of the page, as SVG paths in a 24 by 24 box. `up` and `down` are filled, the others are stroked.
export const icons = {
  pause: 'M9 5v14M15 5v14',
  play: 'M7 5l11 7-11 7z',
  list: 'M4 6h16M4 12h10M4 18h13',
  moon: 'M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1 1M18 18l1 1M19 5l-1 1M6 18l-1 1',
  half: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 8h7M12 12h9M12 16h7',
  help: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.6 9.3a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2 1-1.2 1.9M12 17h.01',
  close: 'M6 6l12 12M18 6L6 18',
  retry: 'M20 11a8 8 0 1 0-2.3 6M20 5v6h-6',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  offline:
    'M3 3l18 18M8.5 16.5a5 5 0 0 1 7 0M5 13a10 10 0 0 1 5-2.7M2 9.5A15 15 0 0 1 7 6.3M12 20h.01M14 8.3a12 12 0 0 1 8 3',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2',
  up: 'M12 6l8 13H4z',
  down: 'M12 19L4 6h16z',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  bolt: 'M13 3L5 14h6l-1 7 8-11h-6z',
} as const

export type IconName = keyof typeof icons
