"""Reading EMG recordings: one small module per format, one function for all of them."""

from gluteal.emg.readers.load import FORMATS, load_recording, name_channels, read_contents

__all__ = ["FORMATS", "load_recording", "name_channels", "read_contents"]
