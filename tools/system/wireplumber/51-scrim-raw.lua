-- SPDX-License-Identifier: GPL-2.0
--
-- WirePlumber 0.4: sessions are offered scrim cameras and no other, so that a raw camera that
-- they could open would not be handed out by PipeWire.  Later versions: 51-scrim-raw.conf.
-- Rules are applied in their order, so the second one takes back what the first one does.
table.insert(v4l2_monitor.rules, {
  matches = { { { "device.name", "matches", "v4l2_device.*" } } },
  apply_properties = { ["device.disabled"] = true },
})
table.insert(v4l2_monitor.rules, {
  matches = { { { "device.sysfs.path", "matches", "*/platform/scrim.*/video4linux/*" } } },
  apply_properties = { ["device.disabled"] = false },
})

-- libcamera sees raw cameras only.
libcamera_monitor.enabled = false
