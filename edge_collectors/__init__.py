"""The gateway's program: reads meters over Modbus, keeps readings on disk, carries them to the hub.

It runs on small machines at the plant and never imports `hub`: the two speak HTTP only.
"""
