import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { EventBus } from '../../../src/events/event-bus.js'

const now = (): Date => new Date('2026-01-01T00:00:00Z')
const base = { key: { envId: 'shop' } }
const facts = { code: 'CHECKOUT_NOTICE', message: 'one' } as const

describe('events', () => {
  it('reach the others when a listener throws, and the failure is said', async () => {
    const bus = new EventBus(now)
    const heard: string[] = []
    bus.on('warning', () => {
      throw new Error('a broken listener')
    })
    bus.on('warning', ({ message, at }) => heard.push(`${at} ${message}`))
    const warned = once(process, 'warning')
    bus.emit('warning', base, facts)
    expect(heard).toEqual(['2026-01-01T00:00:00.000Z one'])
    expect((await warned)[0]).toMatchObject({ message: 'a broken listener' })
  })

  it('stop reaching a listener that was taken off, also one that was to hear once', () => {
    const bus = new EventBus(now)
    const heard: string[] = []
    const listener = ({ message }: { message: string }): void => void heard.push(message)
    bus.on('warning', listener)
    bus.off('warning', listener)
    bus.once('warning', listener)
    bus.emit('warning', base, facts)
    bus.emit('warning', base, facts)
    expect(heard).toEqual(['one'])
  })

  it('are published on a diagnostics channel by name', () => {
    const bus = new EventBus(now)
    const heard: unknown[] = []
    const listener = (message: unknown): void => void heard.push(message)
    subscribe('git-task-isolation:warning', listener)
    bus.emit('warning', base, facts)
    unsubscribe('git-task-isolation:warning', listener)
    bus.emit('warning', base, facts)
    expect(heard).toEqual([{ at: now().toISOString(), ...base, ...facts }])
  })
})
